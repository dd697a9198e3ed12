// Follows a daemon's stream with so many connections until a line comes on standard input, and prints what came as JSON:
// of each event when it arrived, in milliseconds since the epoch, and how long it took from its commit.
void follow({ socket: process.argv[2]!, clients: Number(process.argv[3]) });

interface Seen {
  readonly times: number[];
  readonly delays: number[];
}

async function follow({ socket, clients }: { socket: string; clients: number }): Promise<void> {
  const seen: Seen = { times: [], delays: [] };
  const sockets = await Promise.all(Array.from({ length: clients }, () => connect(socket, seen)));
  console.log("ready");
  for await (const _ of Bun.stdin.stream()) break;
  console.log(JSON.stringify(seen));
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
    seen.times.push(now);
    seen.delays.push(now - frame.at);
  });
  return promise;
}
