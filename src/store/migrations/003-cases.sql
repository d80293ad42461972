-- What the cases of one client are found by.
-- Messages that a send session could not hand on, found by the number that the receive log gave them. Few.
CREATE INDEX transaction_lost ON smtp_transaction (internal_id) WHERE state = 'refused' AND internal_id IS NOT NULL;
-- The Hub sessions of one client.
CREATE INDEX session_client_client ON session_client (client_id);
