// Follows a daemon's stream with so many connections until a line comes on standard input, and prints how many events
// came, the times from an event's commit to its arrival in milliseconds, and the seconds from the first to the last, as JSON.
void follow({ socket: process.argv[2]!, clients: Number(process.argv[3]) });

interface Seen {
  readonly delays: number[];
  /** When the first and the last event came. */
  first: number;
  last: number;
}

async function follow({ socket, clients }: { socket: string; clients: number }): Promise<void> {
  const seen: Seen = { delays: [], first: Infinity, last: 0 };
  const sockets = await Promise.all(Array.from({ length: clients }, () => connect(socket, seen)));
  console.log("ready");
  for await (const _ of Bun.stdin.stream()) break;
  console.log(JSON.stringify({ delays: seen.delays, seconds: (seen.last - seen.first) / 1_000 }));
  for (const each of sockets) each.close();
}

function connect(path: string, seen: Seen): Promise<WebSocket> {
  const { promise, resolve } = Promise.withResolvers<WebSocket>();
  const socket = new WebSocket(`ws+unix://${path}:/stream`);
  socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "subscribe", topics: ["*"] })));
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data)) as { type: string; at?: number };
    if (frame.type === "subscribed") resolve(socket);
    if (frame.at === undefined) return;
    const now = Date.now();
    seen.delays.push(now - frame.at);
    seen.first = Math.min(seen.first, now);
    seen.last = now;
  });
  return promise;
}
