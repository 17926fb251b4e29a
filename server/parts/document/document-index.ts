/**
 * What a room knows of its document without having it: how far each client's clock is, what is deleted, and whose each
 * client is. By this alone an update is judged, whatever the length of the document.
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { isEmpty, writeDeletes, writeStateVector, type ClockRange, type UpdateContent } from "../../../shared/document/update.ts";
import { encode } from "../../../shared/protocol/frame.ts";

/**
 * The most that one update may move a client's clock: a struct of a few bytes can claim any length (a run of deleted
 * content has only that), and a clock that has left the integers breaks the document for everyone. A day of typing is a
 * million; the clocks of this many updates a second are whole numbers for years.
 */
const MAX_CLOCK_JUMP = 2 ** 24;

export type Verdict =
  /** It adds something, and can be applied. */
  | { readonly kind: "new" }
  /** All of it is known. */
  | { readonly kind: "nothing" }
  /** It rests on what is not known. */
  | { readonly kind: "gap" }
  /** New structs of a client that is another user's. */
  | { readonly kind: "foreign"; readonly client: number }
  /** A clock moves further than anybody's could. */
  | { readonly kind: "jump"; readonly client: number };

export class DocumentIndex {
  readonly #clocks = new Map<number, number>();
  /** By client: ascending, disjoint, not touching. */
  readonly #deletes = new Map<number, ClockRange[]>();
  /** Client → `me` of the user whose it is. */
  readonly #owners = new Map<number, number>();

  judge(content: UpdateContent, me: number): Verdict {
    const { structs, deletes, needs, holes } = content;
    if (isEmpty(content)) return { kind: "nothing" };
    if (holes) return { kind: "gap" };
    let adds = false;
    for (const [client, { from, to }] of structs) {
      const known = this.#clocks.get(client) ?? 0;
      if (from > known) return { kind: "gap" };
      if (to <= known) continue;
      if (to - known > MAX_CLOCK_JUMP) return { kind: "jump", client };
      if (!this.mayBe(client, me)) return { kind: "foreign", client };
      adds = true;
    }
    const clockWith = (client: number): number => Math.max(this.#clocks.get(client) ?? 0, structs.get(client)?.to ?? 0);
    for (const [client, clock] of needs) if (clock > clockWith(client)) return { kind: "gap" };
    for (const [client, ranges] of deletes)
      for (const range of ranges) {
        if (range.to > clockWith(client)) return { kind: "gap" };
        adds ||= !this.#isDeleted(client, range);
      }
    return { kind: adds ? "new" : "nothing" };
  }

  /** A state vector of what is known already of an update's structs; undefined: all of them are new. */
  known({ structs }: UpdateContent): Uint8Array | undefined {
    const clocks = new Map<number, number>();
    let some = false;
    for (const [client, { from }] of structs) {
      const clock = this.#clocks.get(client) ?? 0;
      clocks.set(client, clock);
      some ||= from < clock;
    }
    return some ? writeStateVector(clocks) : undefined;
  }

  /** Whether `client` is this user's, or nobody's. */
  mayBe(client: number, me: number): boolean {
    const owner = this.#owners.get(client);
    return owner === undefined || owner === me;
  }

  /** `client` is this user's from now on, if it was nobody's. True: it was. */
  claim(client: number, me: number): boolean {
    if (this.#owners.has(client)) return false;
    this.#owners.set(client, me);
    return true;
  }

  /** Takes in an update that was judged to be new. `me`: 0 for one that is nobody's. */
  add({ structs, deletes }: UpdateContent, me: number): void {
    for (const [client, { to }] of structs) {
      if (to <= (this.#clocks.get(client) ?? 0)) continue;
      this.#clocks.set(client, to);
      if (me > 0) this.claim(client, me);
    }
    for (const [client, ranges] of deletes) for (const range of ranges) this.#delete(client, range);
  }

  /** Of what is deleted, what was not known to be; undefined for nothing. */
  unknown(deleted: Iterable<readonly [client: number, range: ClockRange]>): Uint8Array | undefined {
    const unknown = new DocumentIndex();
    for (const [client, range] of deleted) if (!this.#isDeleted(client, range)) unknown.#delete(client, range);
    return unknown.#deletes.size > 0 ? unknown.deletes() : undefined;
  }

  #isDeleted(client: number, { from, to }: ClockRange): boolean {
    const ranges = this.#deletes.get(client);
    const range = ranges?.[search(ranges, from)];
    return from === to || (range !== undefined && range.from <= from && range.to >= to);
  }

  #delete(client: number, { from, to }: ClockRange): void {
    if (from === to) return;
    const ranges = this.#deletes.get(client) ?? [];
    this.#deletes.set(client, ranges);
    const first = search(ranges, from);
    let last = first;
    const merged = { from, to };
    for (; last < ranges.length && ranges[last]!.from <= to; last++) {
      merged.from = Math.min(merged.from, ranges[last]!.from);
      merged.to = Math.max(merged.to, ranges[last]!.to);
    }
    ranges.splice(first, last - first, merged);
  }

  /** As Yjs writes it. */
  stateVector(): Uint8Array {
    return writeStateVector(this.#clocks);
  }

  /** A state vector without what this document does not have: of what somebody may say, that alone is remembered. */
  within(clocks: ReadonlyMap<number, number>): Uint8Array {
    const within = new Map<number, number>();
    for (const [client, clock] of clocks) {
      const known = this.#clocks.get(client);
      if (known !== undefined) within.set(client, Math.min(clock, known));
    }
    return writeStateVector(within);
  }

  /** How many clients have ever written. */
  get clients(): number {
    return this.#clocks.size;
  }

  /** How many have not, and do with this update. */
  newClients({ structs }: UpdateContent): number {
    let count = 0;
    for (const client of structs.keys()) if (!this.#clocks.has(client)) count++;
    return count;
  }

  /** How many are somebody's. */
  get owned(): number {
    return this.#owners.size;
  }

  /** An update that only deletes: all that is deleted. */
  deletes(): Uint8Array {
    return encode((to) => {
      encoding.writeVarUint(to, 0);
      writeDeletes(to, this.#deletes);
    });
  }

  bytes(): Uint8Array {
    return encode((to) => {
      for (const map of [this.#clocks, this.#owners]) {
        encoding.writeVarUint(to, map.size);
        for (const [client, value] of map) {
          encoding.writeVarUint(to, client);
          encoding.writeVarUint(to, value);
        }
      }
      writeDeletes(to, this.#deletes);
    });
  }

  static from(from: Decoder): DocumentIndex {
    const index = new DocumentIndex();
    for (const map of [index.#clocks, index.#owners])
      for (let left = decoding.readVarUint(from); left > 0; left--)
        map.set(decoding.readVarUint(from), decoding.readVarUint(from));
    for (let clients = decoding.readVarUint(from); clients > 0; clients--) {
      const client = decoding.readVarUint(from);
      const ranges = Array.from({ length: decoding.readVarUint(from) }, () => {
        const start = decoding.readVarUint(from);
        return { from: start, to: start + decoding.readVarUint(from) };
      });
      index.#deletes.set(client, ranges);
    }
    return index;
  }
}

/** The first range that ends at `clock` or behind it. */
function search(ranges: readonly ClockRange[], clock: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.to < clock) low = middle + 1;
    else high = middle;
  }
  return low;
}
