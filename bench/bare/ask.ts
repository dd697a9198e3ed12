// The least a Bun program can do to list tasks: one request over the socket that it is given, printed as it comes.
void list(process.argv[2]!);

async function list(unix: string): Promise<void> {
  const response = await fetch("http://localhost/tasks", { unix });
  await Bun.write(Bun.stdout, `${JSON.stringify(await response.json(), null, 2)}\n`);
}
