/** DuckDB on the same files: `read_csv`, one line a session. Prints seconds and how many sessions it found. */
import { DuckDBInstance } from '@duckdb/node-api';

const folder = process.argv[2];
if (!folder) throw new Error('usage: duckdb.ts FOLDER');
const started = performance.now();
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const answer = await connection.runAndReadAll(`
  SELECT COUNT(*) AS sessions, SUM(mails), SUM(rcpts), SUM(queued), SUM(errors), COUNT(DISTINCT helo), SUM(len(senders)), SUM(len(recipients)) FROM (
    SELECT session_id, remote_endpoint, ANY_VALUE(connector) AS connector, MIN(date_time) AS began, MAX(date_time) AS finished,
      COUNT(*) FILTER (event = '<' AND data ILIKE 'MAIL FROM%') AS mails,
      COUNT(*) FILTER (event = '<' AND data ILIKE 'RCPT TO%') AS rcpts,
      COUNT(*) FILTER (event = '>' AND data LIKE '250 2.6.0%Queued mail for delivery') AS queued,
      COUNT(*) FILTER (event = '>' AND (data LIKE '4%' OR data LIKE '5%')) AS errors,
      MAX(CASE WHEN event = '<' AND data LIKE 'EHLO %' THEN substr(data, 6) END) AS helo,
      LIST(DISTINCT CASE WHEN event = '<' AND data ILIKE 'MAIL FROM%' THEN regexp_extract(data, '<([^>]*)>', 1) END) AS senders,
      LIST(DISTINCT CASE WHEN event = '<' AND data ILIKE 'RCPT TO%' THEN regexp_extract(data, '<([^>]*)>', 1) END) AS recipients
    FROM read_csv('${folder}/**/*.LOG', header = false, delim = ',', quote = '"', escape = '"', skip = 5, auto_detect = false, null_padding = true, ignore_errors = true,
      columns = {'date_time': 'VARCHAR', 'connector': 'VARCHAR', 'session_id': 'VARCHAR', 'sequence': 'VARCHAR', 'local_endpoint': 'VARCHAR', 'remote_endpoint': 'VARCHAR', 'event': 'VARCHAR', 'data': 'VARCHAR', 'context': 'VARCHAR'})
    GROUP BY session_id, remote_endpoint)`);
const [row] = answer.getRows();
process.stdout.write(
  `${JSON.stringify({ seconds: (performance.now() - started) / 1000, sessions: Number(row?.[0]), all: row?.map(String) })}\n`,
);
