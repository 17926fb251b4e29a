import { makeKeys, signToken } from "coterie/auth";

const { privateKey, jwks } = await makeKeys(); // once: the first among your secrets, the second, as JSON, the worker's JWKS
const token = await signToken({
  key: privateKey,
  issuer: "https://my-app.example", // the worker's TOKEN_ISSUER
  user: { id: "ann", name: "Ann" },
  rooms: { "notes:*": ["write", "presence", "create"], "counter:our-room": ["read"] },
});
console.log(JSON.stringify({ jwks, token }));
