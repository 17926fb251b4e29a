/** How clients reach the server, whichever process and port it is just now; and who hears of what comes from it. */
import { realEnvironment, type Environment } from "../../client/environment.ts";
import type { Workerd } from "./workerd.ts";

export class Network {
  readonly server: Workerd;
  /** For the SDK: the real one, without the jitter of its backoff, which would be most of a cycle. */
  readonly environment: Environment;
  /** Called with each frame from the server, before anyone reads it. */
  onFrame: (() => void) | undefined;

  constructor(server: Workerd) {
    this.server = server;
    this.environment = { ...realEnvironment, random: () => 0, transport: (events) => this.#transport(events) };
  }

  #transport(events: Parameters<Environment["transport"]>[0]): ReturnType<Environment["transport"]> {
    const transport = realEnvironment.transport({
      ...events,
      received: (data) => {
        this.onFrame?.();
        events.received(data);
      },
    });
    return {
      ...transport,
      open: (url, protocols) => {
        const address = new URL(url);
        address.port = String(this.server.port);
        transport.open(address.href, protocols);
      },
    };
  }
}
