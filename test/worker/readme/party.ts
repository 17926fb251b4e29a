import { hostParty } from "coterie/party";
import { createWorker } from "coterie/server";
import ChatServer from "./chat.ts"; // as it was

export class Chat extends hostParty(ChatServer) {}
export default createWorker({ parties: { chat: Chat } });
