/**
 * What a Yjs update (V1) holds, read without a document: which structs of which clients, what it deletes, and on what else
 * it rests. And how a long one is split into short ones that can be applied one after the other.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import * as Y from "yjs";

type Struct = Y.Item | Y.GC | Y.Skip;

/** Structs of one client: from this clock, up to but not with that one. */
export interface ClockRange {
  from: number;
  to: number;
}

export interface UpdateContent {
  /** By client. */
  readonly structs: ReadonlyMap<number, Readonly<ClockRange>>;
  /** By client: what is deleted, as the update says it. */
  readonly deletes: ReadonlyMap<number, readonly Readonly<ClockRange>[]>;
  /** By client: the clock that must be known before the structs can be applied. */
  readonly needs: ReadonlyMap<number, number>;
  /** Some of a client's structs are left out between others. */
  readonly holes: boolean;
  /** How many structs it has. */
  readonly count: number;
}

/** No structs, no deletes. */
export const EMPTY_UPDATE: Uint8Array = Uint8Array.of(0, 0);

/** Throws on what is no update, or one that no editor makes. */
export function readUpdate(update: Uint8Array): UpdateContent {
  const { structs: list, ds } = Y.decodeUpdate(update);
  const structs = new Map<number, ClockRange>();
  const needs = new Map<number, number>();
  let holes = false;
  let last = Infinity;
  for (const struct of list) {
    const { client, clock } = struct.id;
    // All editors write them in this order, and merging relies on it: it would drop what comes in another.
    if (client > last) throw new RangeError(`structs of client ${client} behind those of client ${last}`);
    last = client;
    if (!(struct.length > 0)) throw new RangeError(`a struct of length ${struct.length}`);
    if (update.length > MAX_NESTED && struct instanceof Y.Item) checkNesting(struct.content);
    const range = structs.get(client);
    if (struct instanceof Y.Skip || (range && range.to !== clock)) {
      holes = true;
      continue;
    }
    if (range) range.to = clock + struct.length;
    else structs.set(client, { from: clock, to: clock + struct.length });
    if (struct instanceof Y.Item)
      for (const id of [struct.origin, struct.rightOrigin, struct.parent])
        if (id instanceof Y.ID) {
          if (id.client !== client) needs.set(id.client, Math.max(needs.get(id.client) ?? 0, id.clock + 1));
          else if (id.clock >= clock)
            throw new RangeError(`a struct at clock ${clock} rests on its own client's clock ${id.clock}`);
        }
  }
  const deletes = new Map<number, ClockRange[]>();
  for (const [client, ranges] of ds.clients)
    deletes.set(
      client,
      ranges.map(({ clock, len }) => ({ from: clock, to: clock + len })),
    );
  return { structs, deletes, needs, holes, count: list.length };
}

/** Values nested deeper than this are nobody's: each level takes a byte, and stack when the document is written down again. */
const MAX_NESTED = 500;

function checkNesting(content: Y.Item["content"]): void {
  const values: unknown[] =
    content instanceof Y.ContentAny || content instanceof Y.ContentJSON
      ? content.arr
      : content instanceof Y.ContentEmbed
        ? [content.embed]
        : content instanceof Y.ContentFormat
          ? [content.value]
          : [];
  let level = values.filter(isObject);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_NESTED) throw new RangeError(`a value nested deeper than ${MAX_NESTED}`);
    level = level.flatMap((value) => Object.values(value)).filter(isObject);
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Whether it says nothing at all. */
export const isEmpty = ({ structs, deletes }: UpdateContent): boolean => structs.size === 0 && deletes.size === 0;

/** `varUint(clients) { varUint(client) varUint(ranges) { varUint(clock) varUint(length) }* }*`, as Yjs writes it. */
export function writeDeletes(to: Encoder, deletes: Iterable<readonly [client: number, ranges: readonly ClockRange[]]>): void {
  const sorted = [...deletes].sort(([a], [b]) => b - a);
  encoding.writeVarUint(to, sorted.length);
  for (const [client, ranges] of sorted) {
    encoding.writeVarUint(to, client);
    encoding.writeVarUint(to, ranges.length);
    for (const { from, to: end } of ranges) {
      encoding.writeVarUint(to, from);
      encoding.writeVarUint(to, end - from);
    }
  }
}

/** Ranges of a delete set in one piece: about 64 KiB. */
const DELETES_PER_PIECE = 8000;

/**
 * Splits an update into several of about `maxBytes`, so that each can be applied once those before it have been: structs come
 * in an order in which what they rest on comes first. Long text is cut too; a struct that cannot be cut (a picture, an embed)
 * stands alone. The delete set comes last.
 */
export function splitUpdate(update: Uint8Array, maxBytes: number): Uint8Array[] {
  if (update.length <= maxBytes) return [update];
  const { structs, ds } = Y.decodeUpdate(update);
  const pieces: Uint8Array[] = [];
  let piece = new StructWriter();
  for (const whole of causal(structs))
    for (const struct of shortened(whole, maxBytes)) {
      piece.add(struct);
      if (piece.length < maxBytes) continue;
      pieces.push(piece.bytes());
      piece = new StructWriter();
    }
  if (piece.length > 0) pieces.push(piece.bytes());
  return [...pieces, ...deletesOf(ds.clients)];
}

/** An update struct by struct, each with an update of its own: to be applied one after the other. What is deleted comes last, without one. */
export function* singly(update: Uint8Array): Generator<[piece: Uint8Array, struct: Struct | undefined]> {
  const { structs, ds } = Y.decodeUpdate(update);
  if (structs.length <= 1) return yield [update, structs[0]];
  for (const struct of causal(structs)) {
    const piece = new StructWriter();
    piece.add(struct);
    yield [piece.bytes(), struct];
  }
  for (const piece of deletesOf(ds.clients)) yield [piece, undefined];
}

/** A delete set in updates of bounded length. */
function* deletesOf(clients: ReadonlyMap<number, readonly { clock: number; len: number }[]>): Generator<Uint8Array> {
  for (const deletes of lots(clients))
    yield encoding.encode((to) => {
      encoding.writeVarUint(to, 0);
      writeDeletes(to, deletes);
    });
}

/** A delete set in lots of bounded length. */
function* lots(clients: ReadonlyMap<number, readonly { clock: number; len: number }[]>): Generator<Map<number, ClockRange[]>> {
  let lot = new Map<number, ClockRange[]>();
  let size = 0;
  for (const [client, ranges] of clients)
    for (const { clock, len } of ranges) {
      const of = lot.get(client) ?? [];
      lot.set(client, of);
      of.push({ from: clock, to: clock + len });
      if (++size < DELETES_PER_PIECE) continue;
      yield lot;
      lot = new Map();
      size = 0;
    }
  if (size > 0) yield lot;
}

/**
 * The structs in an order in which each comes behind what it rests on, as far as that is among them. One cursor a client;
 * where a client waits for another, that one goes first. Linear in the number of structs.
 */
function* causal(structs: readonly Struct[]): Generator<Struct> {
  const queues = new Map<number, { list: Struct[]; next: number; clock: number; end: number }>();
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue;
    const { client, clock } = struct.id;
    const queue = queues.get(client);
    if (queue) {
      queue.list.push(struct);
      queue.end = clock + struct.length;
    } else queues.set(client, { list: [struct], next: 0, clock, end: clock + struct.length });
  }
  /** The client whose structs must come first; one that waits itself is passed over, or two would wait for each other. */
  const blocker = (struct: Struct | undefined, waiting: ReadonlySet<number>): number | undefined => {
    if (!(struct instanceof Y.Item)) return undefined;
    for (const id of [struct.origin, struct.rightOrigin, struct.parent]) {
      if (!(id instanceof Y.ID) || waiting.has(id.client)) continue;
      const queue = queues.get(id.client);
      if (queue && id.clock >= queue.clock && id.clock < queue.end) return id.client;
    }
    return undefined;
  };
  const nextOf = (client: number): Struct | undefined => queues.get(client)?.list[queues.get(client)!.next];
  const stack: number[] = [];
  const waiting = new Set<number>();
  const pop = (): void => void waiting.delete(stack.pop()!);
  for (const start of queues.keys()) {
    stack.push(start);
    waiting.add(start);
    while (stack.length > 0) {
      const client = stack.at(-1)!;
      const struct = nextOf(client);
      const first = blocker(struct, waiting);
      if (!struct) pop();
      else if (first !== undefined) {
        stack.push(first);
        waiting.add(first);
      } else {
        yield struct;
        const queue = queues.get(client)!;
        queue.next++;
        queue.clock = struct.id.clock + struct.length;
        // Who waited for this one goes on as soon as it can; what is left of this one comes when it is needed, or at its turn.
        const below = stack.at(-2);
        if (below === undefined) continue;
        waiting.delete(client);
        const waits = blocker(nextOf(below), waiting) === client;
        if (waits) waiting.add(client);
        else stack.pop();
      }
    }
  }
}

/** A long run of text or values as several, each behind the one before: as if it had been written in parts. */
function* shortened(struct: Struct, maxBytes: number): Generator<Struct> {
  const { content } = struct as Y.Item;
  const parts =
    content instanceof Y.ContentString && content.str.length > maxBytes
      ? textParts(content.str, Math.max(2, maxBytes >> 1)).map((text) => new Y.ContentString(text))
      : content instanceof Y.ContentAny && content.arr.length > VALUES_PER_STRUCT
        ? arrayParts(content.arr).map((values) => new Y.ContentAny(values))
        : undefined;
  if (!parts) return yield struct;
  const { id, rightOrigin, parent, parentSub } = struct as Y.Item;
  let { clock } = id;
  let origin = (struct as Y.Item).origin;
  for (const part of parts) {
    yield new Y.Item(Y.createID(id.client, clock), null, origin, null, rightOrigin, parent, parentSub, part);
    clock += part.getLength();
    origin = Y.createID(id.client, clock - 1);
  }
}

/** Values of a list in one struct of a split update: what they take is not known, and most are short. */
const VALUES_PER_STRUCT = 1000;

function textParts(text: string, length: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + length);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1]!)) end--; // half a character would be lost
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

const arrayParts = <T>(values: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(values.length / VALUES_PER_STRUCT) }, (_, n) =>
    values.slice(n * VALUES_PER_STRUCT, (n + 1) * VALUES_PER_STRUCT),
  );

/** Structs on their way to be an update. */
class StructWriter {
  readonly #clients = new Map<number, { encoder: Y.UpdateEncoderV1; clock: number; end: number; count: number }>();
  /** Bytes, about. */
  length = 0;

  add(struct: Struct): void {
    const { client, clock } = struct.id;
    let entry = this.#clients.get(client);
    if (!entry) this.#clients.set(client, (entry = { encoder: new Y.UpdateEncoderV1(), clock, end: clock, count: 0 }));
    const before = encoding.length(entry.encoder.restEncoder);
    if (clock > entry.end) {
      // A client's structs are written one behind the other, without their clocks: what is left out must be said.
      new Y.Skip(Y.createID(client, entry.end), clock - entry.end).write(entry.encoder, 0);
      entry.count++;
    }
    struct.write(entry.encoder, 0);
    entry.count++;
    entry.end = clock + struct.length;
    this.length += encoding.length(entry.encoder.restEncoder) - before;
  }

  bytes(): Uint8Array {
    const to = encoding.createEncoder();
    encoding.writeVarUint(to, this.#clients.size);
    for (const [client, { encoder, clock, count }] of [...this.#clients].sort(([a], [b]) => b - a)) {
      encoding.writeVarUint(to, count);
      encoding.writeVarUint(to, client);
      encoding.writeVarUint(to, clock);
      encoding.writeUint8Array(to, encoding.toUint8Array(encoder.restEncoder));
    }
    encoding.writeVarUint(to, 0);
    return encoding.toUint8Array(to);
  }
}

/** A Yjs state vector as bytes: what is known of each client. */
export function writeStateVector(clocks: ReadonlyMap<number, number>): Uint8Array {
  return encoding.encode((to) => {
    encoding.writeVarUint(to, clocks.size);
    for (const [client, clock] of [...clocks].sort(([a], [b]) => b - a)) {
      encoding.writeVarUint(to, client);
      encoding.writeVarUint(to, clock);
    }
  });
}

/** Throws on bytes that are no state vector. */
export function readStateVector(bytes: Uint8Array): Map<number, number> {
  const from = decoding.createDecoder(bytes);
  const clocks = new Map<number, number>();
  for (let left = decoding.readVarUint(from); left > 0; left--)
    clocks.set(decoding.readVarUint(from), decoding.readVarUint(from));
  if (decoding.hasContent(from)) throw new RangeError("bytes after a state vector");
  return clocks;
}
