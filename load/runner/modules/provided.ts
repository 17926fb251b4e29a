/** What this runner has of k6's modules: module → names. All else is refused when a script is bundled. */
export const PROVIDED: Readonly<Record<string, readonly string[]>> = {
  k6: ["check", "group", "fail", "sleep"],
  "k6/metrics": ["Counter", "Gauge", "Rate", "Trend"],
  "k6/websockets": ["WebSocket", "Blob"],
  "k6/timers": ["setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  "k6/execution": ["vu", "scenario", "instance", "test"],
  "k6/http": ["asyncRequest"],
};

/** A module's object, as a default import sees it: what it does not have is refused by name, not found out by a crash. */
export function strict<T extends object>(module: string, object: T): T {
  return new Proxy(object, {
    get(target, key, receiver) {
      if (typeof key === "string" && !(key in target))
        throw new Error(`${module} has no ${key} in this runner; k6 itself may have it`);
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
}
