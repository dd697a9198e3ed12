// The least a Bun program can do as an MCP server: it answers each request with nothing in it, as long as it is asked.
void serve();

async function serve(): Promise<void> {
  for await (const line of console) {
    if (line === "") continue; // the end
    const { id } = JSON.parse(line) as { id: number };
    const result = {
      protocolVersion: "2025-06-18",
      capabilities: {},
      serverInfo: { name: "bare", version: "1" },
    };
    await Bun.write(Bun.stdout, `${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
  }
}
