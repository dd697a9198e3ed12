// Follows a daemon's stream with so many connections until a line comes on standard input, and prints how many events
// came, and the times from an event's commit to its arrival in milliseconds, as JSON.
void follow({ socket: process.argv[2]!, clients: Number(process.argv[3]) });

async function follow({ socket, clients }: { socket: string; clients: number }): Promise<void> {
  const delays: number[] = [];
  const sockets = await Promise.all(Array.from({ length: clients }, () => connect(socket, delays)));
  console.log("ready");
  for await (const _ of Bun.stdin.stream()) break;
  console.log(JSON.stringify({ delays }));
  for (const each of sockets) each.close();
}

function connect(path: string, delays: number[]): Promise<WebSocket> {
  const { promise, resolve } = Promise.withResolvers<WebSocket>();
  const socket = new WebSocket(`ws+unix://${path}:/stream`);
  socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "subscribe", topics: ["*"] })));
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data)) as { type: string; at?: number };
    if (frame.type === "subscribed") resolve(socket);
    if (frame.at !== undefined) delays.push(Date.now() - frame.at);
  });
  return promise;
}
