/** What a room's parts may ask of it, and what it asks of them. */
import type { Down } from "../../shared/protocol/down.ts";
import type { Frame } from "../../shared/protocol/frame.ts";

export interface ClientHost {
  /** `c.me`; 0 before the welcome. */
  me(): number;
  /** This page load's session, or that of the one whose actions it has taken up. */
  session(): string;
  /** The room's clock, in ms since 1970, as far as it is known. */
  serverNow(): number;
  /** This page's clock, in ms. */
  now(): number;
  after(ms: number, run: () => void): () => void;
  /** There is something to send; with `inMs`, not before then. */
  flush(inMs?: number): void;
  /** Something shown has changed. */
  changed(): void;
}

export interface ClientPart {
  /** Applies a message, if it is for this part. */
  receive(message: Down): boolean;
  /** Everything in the frame has been received. */
  settled?(): void;
  /** Writes what is to be sent now. */
  send(frame: Frame): void;
}
