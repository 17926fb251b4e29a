/** The two rooms that are killed: one beats as rooms do, one so fast that a run also meets snapshots and `leave`. */
import { boardRoom } from "../kit/board-game.ts";

export { boardRoom };
export const swiftRoom = { ...boardRoom, name: "swift" as const };
