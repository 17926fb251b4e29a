/** `k6/timers`: an iteration lasts as long as one of its timers stands. */
import type { VirtualUser } from "../virtual-user.ts";

type Callback = (...parameters: unknown[]) => void;

export function timersModule(user: VirtualUser): object {
  let last = 0;
  const ends = new Map<number, () => void>();

  function begin(cancel: () => void): { id: number; end: () => void } {
    const id = ++last;
    const over = user.begin(() => {
      cancel();
      ends.delete(id);
    });
    const end = (): void => {
      cancel();
      ends.delete(id);
      over();
    };
    ends.set(id, end);
    return { id, end };
  }

  return {
    setTimeout(callback: Callback, ms = 0, ...parameters: unknown[]): number {
      const timer = setTimeout(() => {
        user.guard(() => callback(...parameters));
        end();
      }, ms);
      const { id, end } = begin(() => clearTimeout(timer));
      return id;
    },
    setInterval(callback: Callback, ms = 0, ...parameters: unknown[]): number {
      const timer = setInterval(() => user.guard(() => callback(...parameters)), ms);
      return begin(() => clearInterval(timer)).id;
    },
    clearTimeout: (id: number): void => ends.get(id)?.(),
    clearInterval: (id: number): void => ends.get(id)?.(),
  };
}
