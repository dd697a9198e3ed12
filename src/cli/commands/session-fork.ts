import { callerEnvironment } from "../../client/environment.ts";
import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const sessionFork = command({
  operands: ["ID"],
  details: "The new session knows what was said so far; from here on each goes its own way.",
  flags: { name: { value: "NAME", help: "what to call the new one" } },
  async run({ client, output, environment }, { operands, flags }) {
    const body: CallInput<"forkSession"> = { environment: callerEnvironment(environment) };
    if (flags.name !== undefined) body.name = flags.name;
    const answer = await client.call("forkSession", { session: operands[0]! }, body);
    await output.show(
      answer,
      ({ session }) => `Forked to session ${session.id}.\nNext: dispatch tell ${session.id} <message>`,
    );
    return EXIT.done;
  },
});
