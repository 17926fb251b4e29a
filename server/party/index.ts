/** `coterie/party`: PartyKit classes, run as they are in Durable Objects of your own. */
export { hostParty, type HostPartyOptions } from "./party-object.ts";
export type { PartyClass } from "./party-class.ts";
export { PartyError, type PartyErrorCode } from "./party-error.ts";
