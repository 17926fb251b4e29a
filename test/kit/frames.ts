/** Frames made by hand: for tests that say what the SDK would not. */
import type { AnyRoom } from "coterie";
import { encode, Frame } from "../../shared/protocol/frame.ts";
import { writeHello, type Hello } from "../../shared/protocol/hello.ts";
import { UP } from "../../shared/protocol/up.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";

export function frameOf(...messages: readonly (readonly [type: number, body: Uint8Array])[]): Uint8Array {
  const frame = new Frame();
  for (const [type, body] of messages) frame.add(type, body);
  return frame.bytes();
}

/** The greeting of a client with presence in its zero state. */
export function helloFrame(room: AnyRoom, session: string, more: Partial<Hello> = {}): Uint8Array {
  return frameOf([
    UP.hello,
    writeHello({
      protocol: PROTOCOL_VERSION,
      gameVersion: room.game?.version ?? 0,
      session,
      seq: 0,
      epoch: 0,
      presence: encode((to) => room.presence.type.write(to, room.presence.type.zero)),
      create: null,
      ...more,
    }),
  ]);
}
