/** The configuration that `relay --init` writes: it works as it stands, on loopback only, and says what else there is. */

export const EXAMPLE_USER = 'scanner@contoso.example';

/** `hash`: of the password of the user. */
export function exampleSettings(hash: string): string {
  return `// Configuration of the relay: relaylens relay <this file>
// JSON, with comments like these. Every setting but "server", "listen" and "connectors" may be left out.
{
  // The server that the relay plays: its name stands in the logs, its FQDN in the banner.
  "server": "EX01",
  "fqdn": "ex01.contoso.example",
  // "2013" or "2016+": replies, limits and logs differ.
  "exchange": "2016+",

  // true: a hub service stands behind the front end, and every message leaves its rows in three logs.
  "hub": false,
  // Time of the banner (without it, this machine's zone), and the decimal mark of the server's culture.
  "timeZone": "Europe/Berlin",
  "decimalMark": ".",

  // Where the relay really listens ("on"), and which endpoint of the server that stands for ("as"):
  // by the latter a receive connector is selected, and the log is written. Ports below 1024 need rights; these do not.
  "listen": [
    { "on": "127.0.0.1:2525", "as": "10.0.0.5:25" },
    { "on": "127.0.0.1:2587", "as": "10.0.0.5:587" }
  ],

  // A listener may stand for one device: { "on": "127.0.0.1:2526", "as": "[fd00::5]:25", "from": "fd00:20::31" }.

  // For rehearsals: the address that really connects, and the one that it is taken for. Any 127.x.y.z can be a device:
  //   swaks --server 127.0.0.1:2525 --local-interface 127.0.0.12 --from mfp@contoso.example --to someone@example.net
  "clients": {
    "127.0.0.1": "10.0.20.11",
    "127.0.0.12": "10.0.20.12"
  },

  // Receive connectors, by Exchange's own names of properties: { "file": "connectors.json" } reads an export instead
  //   (Get-ReceiveConnector | ConvertTo-Json, Export-Clixml, Export-Csv or Format-List *).
  "connectors": [
    // What Exchange's setup makes, on port 25: mail from anybody to the accepted domains.
    { "default": "Default Frontend", "TarpitInterval": "00:00:05" },
    // And on port 587, for users, after STARTTLS.
    { "default": "Client Frontend" },
    // Devices that may send anywhere without a password. "relay" is short for
    //   "anonymous": AnonymousUsers with ms-Exch-SMTP-Accept-Any-Recipient
    //   "externally-secured": ExternalAuthoritative with ExchangeServers
    {
      "name": "Relay Devices",
      "bindings": ["0.0.0.0:25"],
      "remoteIPRanges": ["10.0.20.12", "10.0.20.128/25"],
      "relay": "anonymous",
      "MaxMessageSize": "25 MB"
    }
  ],

  // Rights beside the permission groups: entries like { "connector", "user", "rights": [] }, or the file of an export.
  "rights": [],

  // Domains for which the relay takes mail from anybody who may submit.
  "acceptedDomains": ["contoso.example", { "name": "partner.example", "type": "ExternalRelay" }],

  // Logons and their password hashes: relaylens relay --hash-password
  "users": {
    "${EXAMPLE_USER}": "${hash}"
  },

  // "self-signed" is made at the first start and kept below "data"; "none"; or PEM files:
  //   { "certificate": "ex01.pem", "key": "ex01.key" }
  "certificate": "self-signed",
  // Old devices can be rehearsed with "minVersion": "1.0".
  "tls": { "minVersion": "1.2", "maxVersion": "1.3" },

  // What becomes of accepted mail: { "kind": "sink" } counts and drops it,
  //   { "kind": "maildir", "folder": "mail" } keeps it,
  //   { "kind": "smart-host", "host": "mail.contoso.example", "port": 25, "tls": "opportunistic" } sends it on;
  //   with "down": true, or "down": 3 for the first three connections, as if that host refused them.
  "delivery": { "kind": "sink" },

  // Protocol logs as Exchange writes them; relaylens analyze <folder> reads them.
  "logs": { "folder": "logs", "maxAge": "30.00:00:00", "maxDirectorySize": "250 MB", "flushInterval": "00:00:01" },
  // Certificates, and messages on their way.
  "data": "data",

  // Faults on demand, such as { "at": "rcpt", "reply": "451 4.3.2 please try later", "times": 3 },
  //   { "at": "connect", "delay": "00:00:20", "source": "10.0.20.0/24" } or { "at": "data", "drop": true, "after": 10 };
  //   at: connect, hello, start-tls, auth, mail, rcpt, data, end-of-data, quit.
  "faults": [],

  // What the process grants its clients, whatever the connectors say.
  "limits": { "connections": 5000, "memoryPerConnection": "256 KB" }
}
`;
}
