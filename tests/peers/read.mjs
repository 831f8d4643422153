// Reads a terminal with one of the independent clients and prints what it got as one JSON object.
// Arguments: client ("node-zklib" or "zkteco-js"), port.
import { createRequire } from "node:module";

const [client, port] = process.argv.slice(2);
const Terminal = createRequire(import.meta.url)(client);
console.log = console.error = () => {}; // the clients chat on standard output

const clock = (moment) => {
  const two = (number) => String(number).padStart(2, "0");
  return (
    `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ` +
    `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`
  );
};

const terminal = new Terminal("127.0.0.1", Number(port), 5000, 4000);
await terminal.createSocket();
const users = await terminal.getUsers();
const punches = await terminal.getAttendances();
const info = await terminal.getInfo();
const answer = JSON.stringify({
  users: users.data.map((user) => [user.uid, user.userId]),
  punches: punches.data.map((row) => [row.deviceUserId ?? row.user_id, clock(new Date(row.recordTime ?? row.record_time))]),
  error: punches.err ? String(punches.err) : null,
  counts: info,
});
await terminal.disconnect();
process.stdout.write(answer, () => process.exit(0));
