/** The mistake: an action that is sent again runs again, as if nobody had kept its number. */
import { Sessions } from "../../../server/room/sessions.ts";

const { admit } = Sessions.prototype;

Object.assign(Sessions.prototype, {
  admit(this: Sessions, ...given: Parameters<typeof admit>) {
    const admission = admit.apply(this, given);
    return admission.kind === "again" ? { kind: "run" } : admission;
  },
} satisfies Partial<Sessions>);

export * from "../worker.ts";
export { default } from "../worker.ts";
