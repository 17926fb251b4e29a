/**
 * The last look at what goes to a sink. Nothing of ours hands it a token or a secret; what is thrown elsewhere might, in its
 * message. What looks like a token, and the values of the worker's own secrets, are taken out.
 */

/** A JWT, whole or without its end; and whatever follows where tokens are carried. */
const TOKENS = [
  /\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g,
  /(?<=[?&]token=)[^&\s"']+/gi,
  /(?<=\bauth\.)[\w-]{16,}(?:\.[\w-]*)*/g,
  /(?<=\bbearer )[^\s"',]+/gi,
];
/** Variables of these names are secrets; shorter ones than this would take whole words out of everything. */
const SECRET_NAME = /SECRET|PRIVATE|PASSWORD|TOKEN|_KEY/i;
const MIN_SECRET = 8;

/** One for each environment: all requests of an isolate have the same. */
const known = new WeakMap<object, (text: string) => string>();

export function redactor(env: object): (text: string) => string {
  const redact = known.get(env) ?? makeRedactor(env);
  known.set(env, redact);
  return redact;
}

function makeRedactor(env: object): (text: string) => string {
  const secrets = Object.entries(env as Record<string, unknown>)
    .filter(([name, value]) => SECRET_NAME.test(name) && typeof value === "string" && value.length >= MIN_SECRET)
    .map(([, value]) => value as string);
  return (text) => {
    let clean = text;
    for (const secret of secrets) clean = clean.replaceAll(secret, "[secret]");
    for (const token of TOKENS) clean = clean.replace(token, "[token]");
    return clean;
  };
}
