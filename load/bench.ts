/**
 * `npm run bench -- [actions] [game] [board] [documents] [lobby] [cost] [growth]`: the figures the project states of itself, measured in one run on this machine.
 * Each bench is a program of its own, and is loaded only when it is asked for. Without a name: all of them.
 */
const BENCHES = {
  actions: "./game/actions.ts",
  game: "./game/run.ts",
  board: "./board.ts",
  documents: "./documents/run.ts",
  lobby: "./lobby/run.ts",
  cost: "./meter/run.ts",
  growth: "./growth/run.ts",
};

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
export const isBench = (name: string): name is keyof typeof BENCHES => Object.hasOwn(BENCHES, name);
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  if (!isBench(name)) throw new RangeError(`${name}: expected one of ${Object.keys(BENCHES).join(", ")}`);
  await import(BENCHES[name]);
}
