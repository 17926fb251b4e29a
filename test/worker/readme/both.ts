import { hostParty } from "coterie/party";
import { createWorker, durableRoom } from "coterie/server";
import ChatServer from "./chat.ts";
import { talkRoom } from "./talk-room.ts";

export class Chat extends hostParty(ChatServer) {} // goes when nobody has a page of before any more
export class Talk extends durableRoom(talkRoom) {} // bound as TALK
export default createWorker({ rooms: { talk: Talk }, parties: { chat: Chat }, auth: { guests: true } });
