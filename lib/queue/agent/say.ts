/** Says something on the standard error, if that can be written: a full disk ends no agent. */
export function say(text: string): void {
  try {
    console.error(`expflow agent: ${text}`);
  } catch {
    // the status file and the errors say it, too, once there is room
  }
}
