import { callerEnvironment } from "../../client/environment.ts";
import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { quote } from "../../core/quote.ts";
import { sessionName } from "../session-words.ts";
import { PERMISSIONS } from "../run-request.ts";

export const sessionAdopt = command({
  operands: ["ID"],
  details:
    "ID is that of a conversation (dispatch conversations), or its beginning. It goes on in its own folder, with all that was said in it. Refused while another process runs it: two would write one conversation.",
  examples: ["dispatch session adopt 6c3871b3 --name api"],
  flags: {
    name: { value: "NAME", help: "what the session is called" },
    model: { value: "MODEL", help: "a model or alias of the config, of the same agent" },
    permissions: { value: "PRESET", choices: PERMISSIONS, help: "what its agent may do without asking" },
  },
  async run({ client, output, environment }, { operands: [conversation = ""], flags }) {
    const body: CallInput<"adoptConversation"> = { environment: callerEnvironment(environment) };
    if (flags.name !== undefined) body.name = flags.name;
    if (flags.model !== undefined) body.model = flags.model;
    if (flags.permissions !== undefined) body.permissions = flags.permissions as (typeof PERMISSIONS)[number];
    const answer = await client.call("adoptConversation", { conversation }, body);
    for (const notice of answer.notices) reportNotice(notice);
    await output.show(
      answer,
      ({ session }) =>
        `${sessionName(session)} goes on in ${session.folder}.\nNext: dispatch tell ${quote(sessionName(session))} <message>`,
    );
    return EXIT.done;
  },
});
