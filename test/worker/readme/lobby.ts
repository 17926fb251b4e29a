import { createWorker, durableRoom, Lobby } from "coterie/server";
import { counterRoom } from "./rooms.ts";

export class Counter extends durableRoom(counterRoom, { capacity: 4, ended: (state) => state.score.clicks > 99 }) {}
export { Lobby }; // bound as LOBBY in wrangler.toml
export default createWorker({
  rooms: { counter: Counter },
  auth: { guests: true },
  lobby: { counter: true }, // or "open": only rooms called "open:…", which is where the lobby makes its own
  limits: { roomsPerUser: 20 }, // that still exist
  placement: { jurisdiction: { "counter:berlin": "eu" } }, // rooms called "berlin:…"; all others near their first visitor
});
