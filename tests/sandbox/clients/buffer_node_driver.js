// Drives buffer-node 1.0.4 through everything it can do; prints what it saw as one JSON document.
// node buffer_node_driver.js FOLDER_OF_THE_PACKAGE http://127.0.0.1:PORT/1 TOKEN
'use strict';

const [folder, url, token] = process.argv.slice(2);
const api = require(folder)(token);

// The address of the API is a constant inside the package, so it is changed on the way out.
const core = Object.getPrototypeOf(api);
const send = core.runRequest;
core.runRequest = (options, callback) =>
  send({ ...options, url: options.url.replace('https://api.bufferapp.com/1', url) }, callback);

const texts = (answer) => answer.updates.map((update) => update.text);
const refused = (promise) =>
  promise.then(() => null, (error) => [error.httpCode, error.errorCode, error.message]);

async function main() {
  const seen = {};
  seen.user = (await api.user.get()).name;
  seen.services = Object.keys((await api.info.configuration()).services).sort();
  const profiles = await api.profiles.get();
  const [twitter, facebook] = ['twitter', 'facebook'].map(
    (name) => profiles.find((profile) => profile.service === name).id);
  const profile = api.profile(twitter);
  seen.profile = (await profile.get()).id;
  const schedules = [{ days: ['mon', 'tue'], times: ['09:00', '17:00'] }];
  seen.saved = (await profile.schedules.update(schedules)).success;
  seen.schedules = await profile.schedules.get();
  const both = await api.updates.create('Grüße & more', [twitter, facebook], { shorten: false });
  seen.both = both.updates.map((update) => update.profile_id);
  const dated = await api.updates.create('Dated', twitter, {
    scheduled_at: new Date('2030-01-01T09:30:00.000Z'),
    media: { link: 'https://acme.example/a' },
    shorten: false,
  });
  seen.dated = [dated.updates[0].due_at, dated.updates[0].text];
  const next = (await api.updates.create('Next', twitter)).updates[0];
  seen.top = (await api.update(next.id).moveToTop()).id === next.id;
  seen.pending = texts(await profile.updates.pending({ count: 10, page: 1 }));
  seen.since = texts(await profile.updates.pending({ since: new Date('2030-01-01') }));
  const queue = (await profile.updates.pending()).updates.filter((update) => !update.scheduled_at);
  const order = queue.map((update) => update.id).reverse();
  seen.reordered = texts(await profile.updates.reorder(order));
  seen.shuffled = (await profile.updates.shuffle({ count: 1 })).updates.length;
  seen.edited = (await api.update(next.id).update('Changed')).update.text;
  seen.read = (await api.update(next.id).get()).text;
  seen.shared = (await api.update(next.id).share()).success;
  seen.destroyed = (await api.update(dated.updates[0].id).destroy()).success;
  seen.sent = texts(await profile.updates.sent());
  seen.shares = (await api.links.shares('https://acme.example/')).shares;
  seen.gone = await refused(api.update(dated.updates[0].id).destroy());
  seen.again = await refused(api.updates.create('Grüße & more', twitter, { shorten: false }));
  seen.nobody = await refused(api.updates.create('x', []));
  console.log(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
