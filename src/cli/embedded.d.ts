/** Files of `plugins/` that the program carries as text. */
declare module "*.md" {
  const text: string;
  export default text;
}

declare module "*/workstation-dispatch" {
  const text: string;
  export default text;
}
