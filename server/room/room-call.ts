/**
 * The calls of a room over RPC, by the edge and by the app's own code, and its answers. Errors travel as values, since a thrown
 * one loses its type on the way.
 */
import type { Version } from "../../shared/document/version.ts";
import type { NumberedAnswer } from "../../shared/protocol/action.ts";
import { isErrorCode } from "../../shared/protocol/meanings.ts";
import { WireError } from "../../shared/schema/wire.ts";
import type { Seating } from "../lobby/summary.ts";
import { Refusal } from "../parts/part.ts";
import type { Facts } from "./connections.ts";
import type { DocumentChange, DocumentCopy } from "./document-desk.ts";
import type { Inspection } from "./host.ts";
import type { Verification } from "./repair.ts";
import type { Revoked } from "./rights.ts";
import type { Room } from "./room.ts";

export type RoomCall =
  /** `seat`: a user for whom a place is kept in it. */
  | { readonly kind: "create"; readonly params: unknown; readonly seat?: string }
  | { readonly kind: "seat"; readonly user: string }
  | { readonly kind: "act"; readonly name: string; readonly input: unknown }
  | {
      readonly kind: "act-as";
      readonly facts: Facts;
      readonly name: string;
      readonly input: unknown;
      readonly key: string | undefined;
    }
  | { readonly kind: "read-game"; readonly unless: string | undefined }
  | { readonly kind: "tell"; readonly type: string; readonly data: unknown }
  | { readonly kind: "inspect" }
  | { readonly kind: "delete" }
  | { readonly kind: "refresh"; readonly facts: Facts; readonly connection: number | undefined }
  | { readonly kind: "revoke"; readonly which: Revoked }
  | { readonly kind: "verify" | "export" | "repair" }
  | { readonly kind: "read-document"; readonly format: "update" | "json"; readonly unless: string | undefined }
  | {
      readonly kind: "edit-document";
      readonly user: string;
      readonly update: Uint8Array;
      readonly ifStateVector: Uint8Array | undefined;
    }
  | { readonly kind: "versions" }
  | { readonly kind: "version" | "drop-version"; readonly id: number }
  | { readonly kind: "keep-version"; readonly user: string; readonly name: string }
  | { readonly kind: "restore-version"; readonly user: string; readonly id: number };

export type RoomReply =
  | { readonly kind: "created"; readonly created: boolean; readonly seating: Seating | undefined }
  | { readonly kind: "seating"; readonly seating: Seating }
  | { readonly kind: "answer"; readonly answer: NumberedAnswer }
  | { readonly kind: "told" }
  | { readonly kind: "inspected"; readonly inspection: Inspection }
  | { readonly kind: "deleted"; readonly deleted: boolean }
  | { readonly kind: "refreshed"; readonly connections: number; readonly expiresAt: number }
  | { readonly kind: "revoked"; readonly connections: number }
  | { readonly kind: "verified"; readonly verification: Verification }
  | { readonly kind: "exported"; readonly lines: string }
  | { readonly kind: "repaired"; readonly rows: readonly number[] }
  | { readonly kind: "copy"; readonly copy: DocumentCopy | undefined }
  | { readonly kind: "durable"; readonly change: DocumentChange }
  | { readonly kind: "versions"; readonly versions: readonly Version[] }
  | { readonly kind: "version"; readonly content: Uint8Array }
  | { readonly kind: "kept"; readonly version: Version }
  | { readonly kind: "dropped" }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** The side of a room object that the edge calls. */
export interface RoomStub {
  /** `by`: whose wish it is, as the edge has verified; undefined: the developer's own code's. */
  coterie(call: RoomCall, by?: Facts): Promise<RoomReply>;
}

/** `by`: whose wish it is; undefined: the developer's own code's. */
export async function answer(room: Room, call: RoomCall, by: Facts | undefined): Promise<RoomReply> {
  try {
    if (by && room.rights.isRevoked(by)) throw new Refusal("forbidden", "the token was revoked");
    return await ask(room, call);
  } catch (error) {
    if (error instanceof WireError) return { kind: "refused", code: error.code, message: error.reason };
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (isErrorCode(code)) return { kind: "refused", code, message: (error as Error).message };
    throw error;
  }
}

async function ask(room: Room, call: RoomCall): Promise<RoomReply> {
  switch (call.kind) {
    case "create": {
      const created = room.create(call.params);
      return { kind: "created", created, seating: call.seat === undefined ? undefined : room.seat(call.seat) };
    }
    case "seat":
      return { kind: "seating", seating: room.seat(call.user) };
    case "act":
      return { kind: "answer", answer: await room.game.act(call.name, call.input) };
    case "act-as":
      return { kind: "answer", answer: await room.game.actAs(call.facts, call.name, call.input, call.key) };
    case "read-game":
      return { kind: "copy", copy: room.game.read(call.unless) };
    case "tell":
      room.tell(call.type, call.data);
      return { kind: "told" };
    case "inspect":
      return { kind: "inspected", inspection: room.inspect() };
    case "delete":
      return { kind: "deleted", deleted: room.delete() };
    case "refresh":
      return {
        kind: "refreshed",
        connections: room.refresh(call.facts, call.connection),
        expiresAt: call.facts.expiresAt,
      };
    case "revoke":
      return { kind: "revoked", connections: room.revoke(call.which) };
    case "verify":
      return { kind: "verified", verification: room.care.verify() };
    case "export":
      return { kind: "exported", lines: room.care.export() };
    case "repair":
      return { kind: "repaired", rows: room.care.repair() };
    case "read-document":
      return { kind: "copy", copy: room.document.read(call.format, call.unless) };
    case "edit-document":
      return { kind: "durable", change: await room.document.edit(call.user, call.update, call.ifStateVector) };
    case "versions":
      return { kind: "versions", versions: room.document.versions() };
    case "version":
      return { kind: "version", content: room.document.version(call.id) };
    case "keep-version":
      return { kind: "kept", version: room.document.keep(call.user, call.name) };
    case "restore-version":
      return { kind: "durable", change: await room.document.restore(call.user, call.id) };
    case "drop-version":
      room.document.drop(call.id);
      return { kind: "dropped" };
  }
}
