/** What a page's browser has stored of it. */
import type { Page } from "playwright-core";

/** How many records of a database the browser has. */
export const count = (page: Page, database: string, store: string): Promise<number> =>
  page.evaluate(
    ([name, records]) =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open(name!);
        opening.addEventListener("error", () => reject(opening.error!));
        opening.addEventListener("success", () => {
          const counting = opening.result.transaction(records!).objectStore(records!).count();
          counting.addEventListener("success", () => {
            opening.result.close();
            resolve(counting.result);
          });
        });
      }),
    [database, store],
  );
