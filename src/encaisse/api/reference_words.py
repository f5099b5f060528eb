"""French words of the API's page: what each operation does, in one line."""

GROUPS = {
    "customers": "Clients",
    "quotes": "Devis",
    "invoices": "Factures",
    "payment requests": "Demandes de paiement",
    "payments": "Paiements",
    "refunds": "Remboursements",
    "operations": "Opérations à signer",
    "events": "Événements",
}
TITLES = {
    "customers_list_customers": "Lister les clients",
    "customers_create_customer": "Ajouter un client",
    "customers_get_customer": "Lire un client",
    "quotes_list_quotes": "Lister les devis",
    "quotes_create_quote": "Écrire un devis et l’envoyer",
    "quotes_get_quote": "Lire un devis",
    "quotes_invoice_quote": "Facturer un devis accepté",
    "invoices_list_invoices": "Lister les factures",
    "invoices_issue_invoice": "Émettre une facture",
    "invoices_get_invoice": "Lire une facture",
    "invoices_credit_invoice": "Annuler une facture par un avoir",
    "payment_requests_list_payment_requests": "Lister les demandes de paiement",
    "payment_requests_create_payment_request": "Demander un paiement",
    "payment_requests_get_payment_request": "Lire une demande de paiement",
    "payment_requests_close_payment_request": "Fermer une demande de paiement",
    "payments_list_payments": "Lister les paiements",
    "payments_get_payment": "Lire un paiement",
    "payments_get_payment_story": "Lire l’histoire d’un paiement, preuves comprises",
    "refunds_list_refunds": "Lister les remboursements",
    "refunds_create_refund": "Demander un remboursement",
    "refunds_get_refund": "Lire un remboursement",
    "operations_get_operation": "Savoir si une opération a été signée et faite",
    "events_list_events": "Lister ce qui s’est passé",
}
PARAMETERS = {
    "cursor": "« next_cursor » de la page précédente",
    "limit": "longueur de la page, de 1 à 100 ; 20 si absent",
    "name": "début ou partie du nom",
    "Idempotency-Key": "choisie par vous ; la même clé n’agit qu’une fois",
}
# What examples send: invented, and accepted as it stands.
SAMPLES: dict[str, object] = {
    "name": "Camille Leroy",
    "subject": "Remplacement du chauffe-eau",
    "description": "Acompte pour la salle de bain",
    "label": "Pose du chauffe-eau",
    "quantity": "1",
    "amount": 45000,
}
