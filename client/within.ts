/** Waiting that ends: for an answer that may be long in coming. */
import { RoomError } from "../shared/room/room-error.ts";

/**
 * What `promise` gives, waited for no longer than `limit`: ms, or until a signal is aborted. Rejects with the code
 * "unanswered" then, and nothing is taken back: `await within(room.do.drop(…), 5000)` gives up the waiting, while the action
 * stays in the queue and may take effect, or has. With `room.ready` the room goes on trying: `room.destroy()` ends that.
 */
export function within<T>(promise: Promise<T>, limit: number | AbortSignal): Promise<T> {
  const signal = typeof limit === "number" ? AbortSignal.timeout(limit) : limit;
  return new Promise((resolve, reject) => {
    const giveUp = (): void =>
      reject(
        new RoomError("unanswered", {
          reason: typeof limit === "number" ? `no answer within ${limit} ms` : String(signal.reason),
        }),
      );
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
