// The least a daemon can do: opens the database that it is given, reads a row, listens on the socket that it is given.
import { Database } from "bun:sqlite";
import { rmSync } from "node:fs";

const db = new Database(process.argv[2], { strict: true });
const count = db.prepare<{ tasks: number }, []>("SELECT COUNT(*) AS tasks FROM task");
const unix = process.argv[3]!;
rmSync(unix, { force: true });
Bun.serve({ unix, fetch: () => Response.json(count.get()) });
console.log("ready");
