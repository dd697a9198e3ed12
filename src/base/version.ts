/** The version of this program: the one of package.json, which is not in the compiled binary. */
export const VERSION = "0.1.0";
