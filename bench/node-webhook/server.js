// The webhook as LINE's own SDK for Node.js suggests it: the official middleware checks the signature, and each event is
// stored once in PostgreSQL before 200 is said.
import express from 'express';
import pg from 'pg';
import { middleware } from '@line/bot-sdk';

const pool = new pg.Pool({ connectionString: process.env.DATABASE, max: Number(process.env.POOL) });
const app = express();
app.disable('x-powered-by');
app.disable('etag');

app.get('/health/ready', (request, response) => response.send('Healthy'));

app.post('/line/webhook', middleware({ channelSecret: process.env.CHANNEL_SECRET }), async (request, response) => {
  const events = request.body.events;
  await pool.query({
    name: 'store', // prepared once a connection
    text: `INSERT INTO webhook_event (id, account, at, event)
           SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[])
           ON CONFLICT DO NOTHING`,
    values: [
      events.map((event) => event.webhookEventId),
      events.map((event) => event.source.userId),
      events.map((event) => new Date(event.timestamp)),
      events.map((event) => JSON.stringify(event)),
    ],
  });
  response.status(200).end();
});

app.listen(Number(process.env.PORT), '127.0.0.1');
