/**
 * Every price that is reckoned with, in US dollars without tax, where it is published, and when it was read there or is known from. No
 * price is fetched when a bill is made: before you rely on one, look at its page.
 */
import type { Price } from "./bill.ts";

export interface Source {
  readonly title: string;
  readonly url: string;
  /** As of then, ISO 8601, as exactly as it is known. */
  readonly asOf: string;
}

export type SourceId =
  | "workers"
  | "durableObjects"
  | "lambda"
  | "dynamo"
  | "awsTransfer"
  | "droplets"
  | "dropletTransfer"
  | "balancer"
  | "managedDatabase";

export const SOURCES: Readonly<Record<SourceId, Source>> = {
  workers: {
    title: "Cloudflare Workers, paid plan",
    url: "https://developers.cloudflare.com/workers/platform/pricing/",
    asOf: "2026-11-21",
  },
  durableObjects: {
    title: "Cloudflare Durable Objects, paid plan, SQLite",
    url: "https://developers.cloudflare.com/durable-objects/platform/pricing/",
    asOf: "2026-11-21",
  },
  lambda: { title: "AWS Lambda, arm64, us-east-1", url: "https://aws.amazon.com/lambda/pricing/", asOf: "2026" },
  dynamo: {
    title: "Amazon DynamoDB, on demand, us-east-1",
    url: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    asOf: "2024-11",
  },
  awsTransfer: {
    title: "AWS data transfer to the internet, us-east-1, first 10 TB",
    url: "https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer",
    asOf: "2026",
  },
  droplets: {
    title: "DigitalOcean CPU-optimised droplet, 2 vCPU, 4 GiB, 4 TiB of transfer",
    url: "https://www.digitalocean.com/pricing/droplets",
    asOf: "2024",
  },
  dropletTransfer: {
    title: "DigitalOcean transfer beyond that of the droplets",
    url: "https://docs.digitalocean.com/platform/billing/bandwidth/",
    asOf: "2024",
  },
  balancer: {
    title: "DigitalOcean load balancer, one node",
    url: "https://www.digitalocean.com/pricing/load-balancers",
    asOf: "2024",
  },
  managedDatabase: {
    title: "DigitalOcean managed PostgreSQL, one node, 1 GiB",
    url: "https://www.digitalocean.com/pricing/managed-databases",
    asOf: "2024",
  },
};

const MILLION = 1e6;
const GIB = 2 ** 30 / 1e9;

/** Requests, ms and GB-s beyond what is included are billed by the million, as the examples of the price page round them. */
export const CLOUDFLARE = {
  plan: { dollars: 5, per: 1, source: "workers" },
  requests: { dollars: 0.3, per: MILLION, included: 10 * MILLION, whole: true, source: "workers" },
  cpuMs: { dollars: 0.02, per: MILLION, included: 30 * MILLION, whole: true, source: "workers" },
  objectRequests: { dollars: 0.15, per: MILLION, included: MILLION, whole: true, source: "durableObjects" },
  /** An object has 128 MB, whatever it uses. */
  gbSeconds: { dollars: 12.5, per: MILLION, included: 400_000, whole: true, source: "durableObjects" },
  rowsWritten: { dollars: 1, per: MILLION, included: 50 * MILLION, whole: true, source: "durableObjects" },
  rowsRead: { dollars: 0.001, per: MILLION, included: 25_000 * MILLION, whole: true, source: "durableObjects" },
  storedGB: { dollars: 0.2, per: 1, included: 5, source: "durableObjects" },
  egressGB: { dollars: 0, per: 1, source: "workers" },
} as const satisfies Readonly<Record<string, Price>>;

export const AWS = {
  requests: { dollars: 0.2, per: MILLION, included: MILLION, source: "lambda" },
  gbSeconds: { dollars: 0.000_013_333_4, per: 1, included: 400_000, source: "lambda" },
  /** A strongly consistent read of up to 4 KiB. */
  readUnits: { dollars: 0.125, per: MILLION, source: "dynamo" },
  /** A write of up to 1 KiB. */
  writeUnits: { dollars: 0.625, per: MILLION, source: "dynamo" },
  storedGB: { dollars: 0.25, per: 1, included: 25, source: "dynamo" },
  egressGB: { dollars: 0.09, per: 1, included: 100, source: "awsTransfer" },
} as const satisfies Readonly<Record<string, Price>>;

export const DIGITALOCEAN = {
  machine: { dollars: 42, per: 1, source: "droplets" },
  balancer: { dollars: 12, per: 1, source: "balancer" },
  database: { dollars: 15, per: 1, source: "managedDatabase" },
  /** Beyond what the machines include. */
  egressGB: { dollars: 0.01, per: GIB, source: "dropletTransfer" },
} as const satisfies Readonly<Record<string, Price>>;

/** What one machine has: cores, and GB of transfer a month. */
export const MACHINE: { readonly cores: number; readonly transferGB: number } = { cores: 2, transferGB: 4096 * GIB };
