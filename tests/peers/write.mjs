// Changes a terminal with zkteco-js: writes a user, deletes the one with uid 1, sets the clock. Argument: port.
// Prints the users it then reads, and the clock, as one JSON object.
import { createRequire } from "node:module";

const [port] = process.argv.slice(2);
const Terminal = createRequire(import.meta.url)("zkteco-js");
console.log = console.error = () => {}; // it chats on standard output

const terminal = new Terminal("127.0.0.1", Number(port), 5000, 4000);
await terminal.createSocket();
await terminal.setUser(77, "007", "Node Peer", "9753", 14, 51234);
await terminal.deleteUser(1);
await terminal.setTime(new Date(2031, 4, 6, 7, 8, 9));
const users = await terminal.getUsers();
const clock = await terminal.getTime();
const answer = JSON.stringify({
  users: users.data.map((user) => [user.userId, user.name, user.role, user.password, user.cardno]),
  year: new Date(clock).getFullYear(),
});
await terminal.disconnect();
process.stdout.write(answer, () => process.exit(0));
