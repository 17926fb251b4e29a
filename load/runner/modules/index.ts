/** k6's modules, as one virtual user sees them. */
import type { VirtualUser } from "../virtual-user.ts";
import { coreModule } from "./core.ts";
import { executionModule } from "./execution.ts";
import { httpModule } from "./http.ts";
import { metricsModule } from "./metrics.ts";
import { strict } from "./provided.ts";
import { timersModule } from "./timers.ts";
import { websocketsModule } from "./websockets.ts";

export function modulesFor(user: VirtualUser): Record<string, object> {
  const modules = {
    k6: coreModule(user),
    "k6/metrics": metricsModule(user),
    "k6/websockets": websocketsModule(user),
    "k6/timers": timersModule(user),
    "k6/execution": executionModule(user),
    "k6/http": httpModule(user),
  };
  return Object.fromEntries(Object.entries(modules).map(([name, module]) => [name, strict(name, module)]));
}
