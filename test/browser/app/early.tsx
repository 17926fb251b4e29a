/** Without a fallback: what a server can say of a room that it has not joined is there at once. */
import { Suspense, type ComponentType } from "react";
import type { Client } from "coterie/client";
import { Connection, Me, Moves, RoomProvider } from "./hooks.tsx";

/** `Late`: what the page takes up later than the rest. */
export function Early({ client, id, Late }: { client: Client<true>; id: string; Late: ComponentType }) {
  return (
    <RoomProvider client={client} id={id} presence={{ cursor: null }}>
      <Me />
      <Connection />
      <Suspense>
        <Late />
      </Suspense>
      <Suspense fallback={<p>Counting…</p>}>
        <Moves />
      </Suspense>
    </RoomProvider>
  );
}
