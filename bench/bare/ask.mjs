// The same for Node.
import { get } from "node:http";

get({ socketPath: process.argv[2], path: "/tasks" }, async (response) => {
  const chunks = await response.toArray();
  process.stdout.write(`${JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()), null, 2)}\n`);
});
