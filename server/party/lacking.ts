/** What is not there says so where it is used, instead of being undefined until something else breaks. */

/** An object of what is there; `other` finds any other name, or throws. */
export const named = <T extends object>(there: T, other: (name: string) => unknown): T =>
  new Proxy(there, {
    get: (target, name) =>
      typeof name === "symbol" || Object.hasOwn(target, name) || isAsked(name) ? Reflect.get(target, name) : other(name),
  });

/** An object that throws this whatever is asked of it. */
export const lacking = (error: Error): object =>
  named({}, () => {
    throw error;
  });

/** By the language itself, of any object that is awaited or printed. */
const isAsked = (name: string): boolean => name === "then" || name === "toJSON" || name === "constructor";
