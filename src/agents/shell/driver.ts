import { StartError, type Driver } from "../driver.ts";
import { ShellConversation } from "./conversation.ts";

/** The built-in agent: a worker without a model, which runs the commands that it is given. */
export const shellDriver: Driver = {
  async open(input) {
    if (input.launch.resume !== null) {
      throw new StartError("resume", "the shell agent has no conversation to go on with");
    }
    return new ShellConversation(input);
  },
};
