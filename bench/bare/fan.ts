// Sends a frame every three milliseconds, which says when, to everyone who has subscribed on the socket that it is given.
const EVERY_MS = 3;
/** As large as an event of a session's transcript. */
const TEXT = "x".repeat(250);

const clients = new Set<Bun.ServerWebSocket>();
Bun.serve({
  unix: process.argv[2]!,
  fetch: (request, server) => {
    server.upgrade(request);
    return undefined;
  },
  websocket: {
    message: (client) => {
      clients.add(client);
      client.send(JSON.stringify({ type: "subscribed" }));
    },
    close: (client) => void clients.delete(client),
  },
});
setInterval(() => {
  const frame = JSON.stringify({ type: "event", at: Date.now(), event: { text: TEXT } });
  for (const client of clients) client.send(frame);
}, EVERY_MS);
console.log("ready");
