/** PartyKit servers as their authors left them, each hosted in an object of its own. */
import { hostParty } from "coterie/party";
import { MemorySink } from "coterie/server";
import ChatServer from "./chat.ts";
import cursors from "./cursors.ts";
import MainServer from "./main.ts";
import PollServer from "./poll.ts";

/** What the chats and the main party have said. */
export const partySink = new MemorySink();
const observe = (): MemorySink => partySink;

export class Main extends hostParty(MainServer, { binding: "MAIN_PARTY", crons: { hourly: "0 * * * *" }, observe }) {}
export class Chat extends hostParty(ChatServer, { observe }) {}
export class Poll extends hostParty(PollServer) {}
export class Cursors extends hostParty(cursors) {}

export const parties = { main: Main, chat: Chat, "live-poll": Poll, cursors: Cursors };
