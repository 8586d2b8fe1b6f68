{{ staged_links(source('canon', 'identity_links')) }}
