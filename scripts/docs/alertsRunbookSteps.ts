/** What several runbooks say alike. */
export const whichPods =
  'See which pods it is, with the code of their last failure: `lanyard status -n NAMESPACE`, or the query below.'
export const doctorOfPod =
  'Ask for the cause: `lanyard doctor pod/POD -n NAMESPACE`. It goes through the checks in order, and names the first that fails with its fix.'
export const sidecarLog =
  'Read what the sidecar says: `kubectl -n NAMESPACE logs POD -c lanyard`, and after a restart `kubectl -n NAMESPACE logs POD -c lanyard --previous`.'
export const doctorOfInstallation = 'Ask for the cause: `lanyard doctor`, which looks at the installation as a whole.'
export const webhookPods = 'See its pods: `kubectl -n lanyard-system get pods -l app.kubernetes.io/component=webhook`.'
export const webhookLog =
  'Read its log: `kubectl -n lanyard-system logs -l app.kubernetes.io/component=webhook --prefix`.'
export const byCode = 'Look the code up in [errors](../reference/errors.md), which says for each what to change.'
export const rightsBack = '[`helm upgrade`](../operators/upgrade.md#upgrading) restores its rights.'
