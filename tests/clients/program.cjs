// @segment/analytics-node, as it is: each call once, then all is sent.
const { Analytics } = require('@segment/analytics-node')

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host })
analytics.on('error', (error) => {
  console.error(error)
  process.exitCode = 1
})
analytics.identify({ userId: 'u_1', traits: { email: 'dana@acme.com', title: 'VP' } })
analytics.track({
  userId: 'u_1', anonymousId: 'anon-1', event: 'Demo Requested',
  properties: { seats: 250 }, timestamp: new Date('2026-10-01T12:00:00Z'),
})
analytics.page({ userId: 'u_1', category: 'Docs', name: 'Pricing' })
analytics.screen({ userId: 'u_1', name: 'Home' })
analytics.group({ userId: 'u_1', groupId: 'acct_9', traits: { name: 'Acme' } })
analytics.alias({ previousId: 'anon-1', userId: 'u_1' })
analytics.closeAndFlush({ timeout: 10000 })
