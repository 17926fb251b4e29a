/** A room that counts, so that what runs twice or never is seen, with notes beside it; and the same of a later version. */
import { defineGame, defineRoom, t, type AnyRoom } from "coterie";
import type { Room } from "coterie/client";

const STATE = {
  tickets: t.table({ by: t.u16() }),
  meta: t.value({ total: t.u32() }),
};

function ledger(version: number) {
  const rules = defineGame({ name: "ledger", version, codes: ["taken"], state: STATE, setup() {} });
  if (version > 1) rules.migrate(1, STATE, (old, c) => void (c.state.meta.total = old.meta.total));
  return rules.actions((a) => ({
    add: a(t.struct({ n: t.u32() }), (c, { n }) => (c.state.meta.total += n)),
    take: a(t.struct({ id: t.u16() }), (c, { id }) => {
      if (c.state.tickets.get(id)) c.reject("taken");
      c.state.tickets.add(id, { by: c.me });
    }),
  }));
}

const room = (version: number) => defineRoom({ name: "ledger", game: ledger(version), document: true });

export const ledgerRoom = room(1);
export const laterRoom: typeof ledgerRoom = room(2);
export type LedgerRoom = Room<typeof ledgerRoom>;
export const ROOMS: Readonly<Record<number, typeof ledgerRoom>> = { 1: ledgerRoom, 2: laterRoom } satisfies Record<
  number,
  AnyRoom
>;
