import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const sessionRename = command({
  operands: ["ID", "NAME…"],
  flags: {},
  async run({ client, output }, { operands: [session = "", ...words] }) {
    const answer = await client.call("changeSession", { session }, { name: words.join(" ") });
    await output.show(answer, (view) => `${view.session.id} is ${view.session.name}.`);
    return EXIT.done;
  },
});
