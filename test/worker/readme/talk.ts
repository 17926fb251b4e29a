import PartySocket from "partysocket";

const socket = new PartySocket({ host: "localhost:8787", party: "chat", room: "lobby", query: { ticket: "a ticket" } });
socket.addEventListener("message", ({ data }) => console.log("heard:", data));
socket.send("Hello.");
