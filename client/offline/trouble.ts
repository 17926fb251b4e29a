/** Storage that fails, or does not answer. */

/** Storage that has not answered within this time, in ms, is not waited for. */
const ANSWERS_WITHIN_MS = 5000;

export function within<T>(promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${what} within ${ANSWERS_WITHIN_MS} ms`)), ANSWERS_WITHIN_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

let said = false;

/** Says so, once a page: its rooms share one storage. */
export function nothingKept(error: unknown): undefined {
  if (!said) console.warn("coterie: this browser keeps nothing for later", error);
  said = true;
}
