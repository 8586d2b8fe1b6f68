{{ staged_claims(source('canon', 'claims_yango_cabinet_14d')) }}
